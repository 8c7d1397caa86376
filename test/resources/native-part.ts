import type { SendAll } from '../../src/fanout/reader/send-batch.ts';
import { chooseFramePath } from '../../src/wiring/native-part.ts';

const way = chooseFramePath('auto');

/** The built native part. Null on another system and where no compiler was: the name of a skipped test says why. */
export const nativePart: SendAll | null = way.sendAll;
export const whyNoNativePart = nativePart ? '' : ` (skipped: ${way.why})`;
