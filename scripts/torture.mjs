// `npm run torture -- [--seed N] [--short] [--json]`
import { runBuilt } from './build.mjs';

await runBuilt('dist/torture/main.js');
