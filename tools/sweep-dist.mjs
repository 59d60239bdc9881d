// Ends a build: removes from dist what no source stands for any more, so that a package never ships a file that was deleted,
// and makes the command executable, which tsc does not. The compiler itself rewrites only what has changed: `npx wsn` builds
// first each time, also while another `wsn` of this checkout runs.
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

for (const top of ['bin', 'src']) {
  for (const name of readdirSync(join('dist', top), { recursive: true })) {
    const source = join(top, name).replace(/(\.d\.ts|\.js)$/, '');
    // Of a folder it is the folder, of the script of a page JavaScript.
    if (!['', '.ts', '.tsx', '.js'].some((ending) => existsSync(`${source}${ending}`)))
      rmSync(join('dist', top, name), { recursive: true, force: true });
  }
}
chmodSync(join('dist', 'bin', 'wsn.js'), 0o755);
