import css from './list.css';
import { listName } from './list-sheet.ts';

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

// Under a name, so that the two scripts meet in whatever order they load. A page may load it twice.
if (!customElements.get(listName))
  customElements.define(
    listName,
    class extends HTMLElement {
      static readonly sheet = sheet;
    },
  );
