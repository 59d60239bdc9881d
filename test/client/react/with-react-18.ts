/**
 * Set up before the tests of the hooks to run them with React 18, too: whoever loads React, the testing library included, gets the
 * older one.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

// React comes before those that load it.
const OLDER = {
  react: require.resolve('react-18'),
  'react-dom': require.resolve('react-dom-18'),
  'react-dom/client': require.resolve('react-dom-18/client'),
  'react-dom/server': require.resolve('react-dom-18/server'),
  'react-dom/test-utils': require.resolve('react-dom-18/test-utils'),
};

for (const [name, older] of Object.entries(OLDER)) {
  require(older);
  require.cache[require.resolve(name)] = require.cache[older];
}

const { version } = await import('react-dom');
if (!version.startsWith('18.')) throw new Error(`expected React 18 in these tests, found ${version}`);
