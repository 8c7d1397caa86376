// `node scripts/screenshots.mjs <url> <key file> [desk]` posts invented items to a running Flashwire and takes the pictures of
// docs/screenshots.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { readCommandLine, refuse, root } from './step.mjs';

const usage = 'usage: node scripts/screenshots.mjs [<url> [<key file> [desk]]]';
const { words } = readCommandLine(usage, { mostWords: 3 });
const [url = 'http://127.0.0.1:8080', keyFile = 'data/key', only = ''] = words;
if (!URL.canParse(url) || !['', 'desk'].includes(only)) refuse(usage);
const key = (await readFile(keyFile, 'utf8')).trim();
const folder = join(root, 'docs/screenshots');

/**
 * @typedef {'en' | 'ar' | 'es'} Edition
 * @typedef {readonly [width: number, height: number, colorScheme: 'light' | 'dark']} Look
 */

/** @type {Readonly<Record<Edition, readonly (readonly [attribution: string | undefined, headline: string, urgency: string, section: string])[]>>} */
const lines = {
  en: [
    ['Weather service', 'Red alert for wind lifted in all coastal districts', 'update', 'environment'],
    ['Health ministry', 'Two more hospitals reopen after the power cut', 'update', 'health'],
    [undefined, 'Parliament votes 312-288 to extend the emergency budget until June', 'urgent', 'politics'],
    [
      'Local officials in the Velda valley',
      'Bridge over the Velda closed to lorries after inspectors find cracks in its eastern pillar, with detours of up to 40 km expected for the week and long delays at the port',
      'urgent',
      'economy',
    ],
    [
      'Port authority',
      'Ferry with 214 aboard runs aground off the northern coast; all passengers reported safe',
      'urgent',
      'miscellaneous',
    ],
    [
      'Reuters',
      'Central bank holds its key rate at 3.25%, citing a "slow but steady" fall in prices',
      'flash',
      'economy',
    ],
  ],
  ar: [
    ['هيئة الأرصاد', 'رفع الإنذار الأحمر من الرياح في جميع المناطق الساحلية', 'update', 'environment'],
    ['وزارة الصحة', 'إعادة فتح مستشفيين بعد انقطاع الكهرباء', 'update', 'health'],
    [undefined, 'البرلمان يصوّت 312-288 لمصلحة تمديد موازنة الطوارئ حتى حزيران', 'urgent', 'politics'],
    [
      'مسؤولون محليون في وادي فيلدا',
      'إغلاق جسر فيلدا أمام الشاحنات بعد رصد تشققات في دعامته الشرقية، مع التفافات تصل إلى 40 كيلومترًا متوقعة طوال الأسبوع وتأخير طويل في الميناء',
      'urgent',
      'economy',
    ],
    ['Reuters', 'شركة Nordlight تعلن إعادة تشغيل "خط الشمال" بعد 12 يومًا', 'urgent', 'miscellaneous'],
    ['AFP', 'البنك المركزي يُبقي سعر الفائدة عند 3.25% ويتوقع تراجع الأسعار بنسبة 2-3%', 'flash', 'economy'],
  ],
  es: [
    [
      'Servicio meteorológico',
      'Se levanta la alerta roja por viento en todos los distritos de la costa',
      'update',
      'environment',
    ],
    ['Ministerio de Salud', 'Reabren otros dos hospitales tras el corte de luz', 'update', 'health'],
    [
      undefined,
      'El Parlamento prorroga el presupuesto de emergencia hasta junio por 312 votos contra 288',
      'urgent',
      'politics',
    ],
    [
      'Autoridades locales del valle del Velda',
      'Cerrado a los camiones el puente sobre el Velda tras hallarse grietas en su pilar oriental, con desvíos de hasta 40 km previstos para toda la semana y largas esperas en el puerto',
      'urgent',
      'economy',
    ],
    [
      'Autoridad portuaria',
      'Encalla un transbordador con 214 personas a bordo; todas están a salvo',
      'urgent',
      'miscellaneous',
    ],
    [
      'EFE',
      'El banco central mantiene el tipo en el 3,25 % y prevé una bajada «lenta pero firme» de los precios',
      'flash',
      'economy',
    ],
  ],
};
const notes = {
  en: 'The vote was 312 to 288, not 312 to 228.',
  ar: 'كانت النتيجة 312 مقابل 288، لا 228.',
  es: 'El resultado fue de 312 a 288, no de 312 a 228.',
};
const notices = {
  en: 'A line about hospitals was withdrawn.',
  ar: 'سُحب خبر عن المستشفيات.',
  es: 'Se ha retirado una noticia sobre hospitales.',
};
const articles = { en: 'velda-bridge-reopens', ar: 'iftitah-jisr-velda', es: 'reabre-el-puente-del-velda' };

/**
 * @param {string} method
 * @param {string} path
 * @param {object} body
 * @param {Readonly<Record<string, string>>} headers
 */
async function call(method, path, body, headers = {}) {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'wait=5', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** @param {Edition} edition */
async function fill(edition) {
  const ids = [];
  for (const [attribution, headline, urgency, section] of lines[edition]) {
    const item = {
      edition,
      headline,
      ...(attribution && { attribution }),
      urgency,
      sections: [section],
      regions: ['europe'],
    };
    ids.push({ item, id: (await call('POST', '/v1/items', item)).id });
  }
  const [, hospitals, vote] = ids;
  if (!hospitals || !vote) throw new Error('an edition needs three lines');
  const correction = { kind: 'corrected', note: notes[edition] };
  await call('PUT', `/v1/items/${vote.id}`, { ...vote.item, correction }, { 'if-match': '"1"' });
  await call('POST', `/v1/items/${hospitals.id}/retract`, { reason: 'screenshots', notice: notices[edition] });
}

/** @type {readonly Look[]} */
const looks = [
  [320, 720, 'light'],
  [320, 720, 'dark'],
  [1280, 860, 'light'],
  [1280, 860, 'dark'],
  [1920, 1000, 'light'],
];

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

/**
 * @param {string} name
 * @param {string} path
 * @param {Look} look
 * @param {(page: import('playwright-core').Page) => Promise<import('playwright-core').Locator | void>} prepare returns what to
 *   take the picture of; the page if left out
 */
async function take(name, path, [width, height, colorScheme], prepare = async () => {}) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
  await page.goto(url + path);
  await page.locator('html.has-script').waitFor();
  if (await page.locator('breaking-ticker').count()) await page.locator('.ticker[data-state=live]').first().waitFor();
  const target = (await prepare(page)) ?? page;
  await page.evaluate(() => document.fonts.ready);
  await target.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
  await page.close();
}

const typed = {
  en: 'Reuters: Ferry refloated, all 214 passengers ashore',
  ar: 'رويترز: تعويم العبّارة ونزول جميع ركابها الـ214',
  es: 'Reuters: Reflotan el transbordador; los 214 pasajeros, en tierra',
};

/**
 * The desk in the language of an edition, with a flash before its second Enter.
 * @param {Edition} edition
 * @param {Look} look
 */
async function takeDesk(edition, [width, height, colorScheme]) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme, locale: edition });
  await page.goto(`${url}/desk#key=${key}`);
  await page.locator('[name=edition]').selectOption(edition);
  await page.locator('.item').first().waitFor();
  await page.locator('.service.fine').waitFor({ timeout: 30_000 });
  await page.locator('.composer textarea').fill(typed[edition]);
  await page.locator('.composer textarea').press('Alt+Digit1');
  await page.locator('.composer textarea').press('Enter');
  await page.locator('.review').waitFor();
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `desk-${edition}-${width}-${colorScheme}.png`) });
  await page.close();
}

/** @type {readonly Look[]} */
const deskLooks = [
  [390, 844, 'light'],
  [1280, 1400, 'light'],
  [1280, 1400, 'dark'],
];

try {
  await mkdir(folder, { recursive: true });
  for (const edition of /** @type {Edition[]} */ (Object.keys(lines))) {
    await fill(edition);
    for (const look of deskLooks) await takeDesk(edition, look);
    if (only === 'desk') continue;
    for (const look of looks) {
      await take(`front-${edition}`, `/?edition=${edition}`, look);
      await take(`live-${edition}`, `/live/${edition}`, look);
      if (look[0] !== 1920) await take(`article-${edition}`, `/article/${articles[edition]}`, look);
      await take(`ticker-${edition}`, `/article/${articles[edition]}`, look, async (page) => {
        await page.locator('breaking-ticker button.list').click();
        return page.locator('breaking-ticker');
      });
    }
  }
} finally {
  await browser.close();
}
