// First: with the style sheet in front the script compresses better (30 B).
import './ticker.css';
import { BreakingTicker } from './breaking-ticker.ts';

// A page may load the script twice, but a name can be defined only once.
if (!customElements.get('breaking-ticker')) customElements.define('breaking-ticker', BreakingTicker);
