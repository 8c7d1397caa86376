import { hydrate } from 'preact';
import { readPageStrings } from '../strings/page-strings.ts';
import { EmbedForm } from './embed-form.tsx';
import type { EmbedModel } from './model.ts';

readPageStrings();
const root = document.getElementById('embed');
const data = document.getElementById('model');
if (root && data) {
  const model: EmbedModel = JSON.parse(data.textContent ?? '');
  hydrate(<EmbedForm model={{ ...model, site: { ...model.site, origin: location.origin } }} />, root);
}
