import ar from './ar.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };

/** The languages that ship beside English. A browser's script gets none of them: scripts/build-browser.mjs. */
export const shipped = [ar, es, fr];
