import type { UsableItem } from '../../src/item/item.ts';
import { itemAt } from '../client/frames.ts';

const english: readonly [attribution: string | undefined, headline: string][] = [
  ['Reuters', 'Central bank holds its key rate at 3.25%, citing a "slow but steady" fall in prices'],
  ['Port authority', 'Ferry with 214 aboard runs aground off the northern coast; all passengers reported safe'],
  [undefined, 'Parliament votes 312-288 to extend the emergency budget until June'],
  ['AFP', 'Marathon record falls by eleven seconds in the rain'],
  ['Health ministry', 'Two more hospitals reopen after the power cut'],
  [
    'Local officials',
    'Bridge over the Velda closed to lorries after inspectors find cracks in its eastern pillar, with detours of up to 40 km expected for the week',
  ],
  ['Weather service', 'Red alert for wind lifted in all coastal districts'],
  ['Mayor', 'Schools stay closed on Tuesday'],
  ['Space agency', 'Probe answers after nine days of silence'],
  ['AP', 'Talks on the fishing treaty resume in Lisbon'],
];

const arabic: readonly [attribution: string | undefined, headline: string][] = [
  ['AFP', 'البنك المركزي يُبقي سعر الفائدة عند 3.25% ويتوقع تراجع الأسعار بنسبة 2-3%'],
  ['سلطة الموانئ', 'جنوح عبّارة تقل 214 راكبًا قبالة الساحل الشمالي، والجميع بخير'],
  ['Reuters', 'شركة Nordlight تعلن إعادة تشغيل "خط الشمال" بعد 12 يومًا'],
  [undefined, 'البرلمان يصوّت 312-288 لمصلحة تمديد موازنة الطوارئ حتى حزيران'],
  ['وزارة الصحة', 'إعادة فتح مستشفيين بعد انقطاع الكهرباء'],
];

const spanish: readonly [attribution: string | undefined, headline: string][] = [
  ['EFE', 'El banco central mantiene el tipo en el 3,25 % y prevé una bajada «lenta pero firme» de los precios'],
  ['Autoridad portuaria', 'Encalla un transbordador con 214 personas a bordo; todas están a salvo'],
  [undefined, '¿Nuevo récord? La maratón se corre once segundos más rápido bajo la lluvia'],
  ['Alcaldesa', 'Las escuelas seguirán cerradas el martes'],
];

/** Invented lines of an edition, newest first, as items with falling places. */
export function linesOf(edition: string): UsableItem[] {
  const lines = edition === 'ar' ? arabic : edition === 'es' ? spanish : english;
  return lines.map(([attribution, headline], index) => {
    const { attribution: _, ...item } = itemAt(lines.length - index, {
      edition,
      language: edition,
      dir: edition === 'ar' ? 'rtl' : 'ltr',
      headline,
    });
    return attribution ? { ...item, attribution } : item;
  });
}
