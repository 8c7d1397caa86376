// `npm run bench -- <scenario> [options]`
import { runBuilt } from './build.mjs';

await runBuilt('dist/bench/main.js');
