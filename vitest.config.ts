import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the results as JSON, too. */
const report = process.env.TEST_REPORT;

/**
 * What loads the machine, or looks at how quick or how large something is: none of these runs beside another test, nor
 * beside each other.
 */
const ALONE = [
  'test/bench/*.test.ts',
  'test/bench/{health,known-answers,load,record,run,traffic}/**',
  'test/commands/bench.test.ts',
  'test/commands/test-load.test.ts',
  'test/fuzz/sockets.test.ts',
  'test/interop/{frames-of-a-message,nginx,php-reference}.test.ts',
  'test/package/bench-*.test.ts',
  'test/server/*{backpressure,burst,slow-readers,patience,load}*.test.ts',
  'test/server/floods/**',
  'test/server/limits/intake.test.ts',
  'test/server/recovery/{cuts,damages,kills,slow-resume}.test.ts',
  'test/server/tls/reload-tls.test.ts',
].map((files) => `${files}${files.endsWith('**') ? '/*.test.ts' : ''}`);

/** The hooks, which run twice: with React 19, and with React 18. */
const REACT = ['test/client/react/*.test.ts'];

const common = { testTimeout: 20_000, hookTimeout: 20_000 };

export default defineConfig({
  test: {
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    projects: [
      {
        test: {
          ...common,
          name: 'beside',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, ...REACT],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...common, name: 'react', include: REACT, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      {
        test: {
          ...common,
          name: 'react-18',
          include: REACT,
          // The renderer without a DOM is React 19's, and types have no version.
          exclude: ['test/client/react/{no-dom,types}.test.ts'],
          setupFiles: ['test/client/react/with-react-18.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...common, name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
