import { type Site, siteName } from '../../../item/site.ts';
import { html, Markup } from '../html.ts';
import { barMeta } from '../site/bar-meta.ts';
import { logoClass, logoOf } from '../site/picture.ts';
import {
  type ApiDescription,
  type ApiParameter,
  type ApiRequest,
  bodyOf,
  descriptionOf,
  nameOf,
  type OpenApi,
  requestsOf,
  type Schema,
  successesOf,
} from './api-description.ts';
import { exampleOf } from './request-examples.ts';
import { literalOf, typeOf } from './typescript.ts';

/** The desk API to be read by a person: contents, and of each request an example, what it takes and what it answers. In English, for developers. */
export function apiPage(site: Site, document: OpenApi): string {
  const api = descriptionOf(document);
  const { info, components } = api;
  const requests = requestsOf(api);
  const groups = [...new Set(requests.map(groupOf))].map(
    (name) => [name, requests.filter((request) => groupOf(request) === name)] as const,
  );
  const common = commonProblems(requests);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${info.title} ${info.version} · ${siteName(site, 'en')}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${barMeta(site)}
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/desk/api.css">
<link rel="stylesheet" href="/desk.preview.css">
</head>
<body class="api">
<a class="skip" href="#main">Skip to the requests</a>
<header class="masthead${logoClass(site)}">
<div class="brand">
<a class="name" href="/desk">${logoOf(site, siteName(site, 'en'))}</a>
<p class="tagline">${info.title} ${info.version}</p>
</div>
</header>
<div class="sheet">
<section class="choice" aria-label="Language of the examples">
<label><input type="radio" name="examples" id="in-curl" checked> curl</label>
<label><input type="radio" name="examples" id="in-typescript"> TypeScript</label>
</section>
<nav class="contents" aria-label="Contents">
<ul>
<li><a href="#main">Start here</a></li>
${groups.map(
  ([name, all]) => html`<li><a href="#${name}">${name}</a>
<ul>${all.map(contentsLine)}</ul>
</li>
`,
)}<li><a href="#types">types</a></li>
</ul>
</nav>
<main id="main">
${start(api, common)}
${groups.map(
  ([name, all]) => html`<section id="${name}" class="group">
<h2>${name}</h2>
${all.map((request) => section(request, common))}
</section>
`,
)}
<section id="types" class="group">
<h2>types</h2>
<p>The bodies of answers, in TypeScript. An answer can have more fields in a later version.</p>
<div class="types">
${Object.entries(components.schemas).map(
  ([name, schema]) => html`<pre id="${name}"><code>interface ${name} ${typeOf(schema)}</code></pre>
`,
)}</div>
</section>
</main>
</div>
</body>
</html>
`.text;
}

function groupOf({ tags: [name = ''] }: ApiRequest): string {
  return name;
}

function contentsLine({ operationId, method, path }: ApiRequest): Markup {
  return html`<li><a href="#${operationId}">${methodMark(method)} ${pathMark(path.replace('/v1', ''))}</a></li>
`;
}

function methodMark(method: string): Markup {
  return html`<span class="method ${method.toLowerCase()}">${method}</span>`;
}

/** A long address breaks behind its slashes. */
function pathMark(path: string): Markup {
  return html`<code>${path.split('/').map((part, index) => (index === 0 ? html`${part}` : html`/<wbr>${part}`))}</code>`;
}

function start({ info }: ApiDescription, common: ReadonlySet<string>): Markup {
  return html`<h1>${info.title}</h1>
<p>An answer says which of three outcomes a request has:</p>
<ul class="answers">${info.description.split(/(?<=\.) /).map((sentence) => answerLine(...cut(sentence, ': ')))}</ul>
<p>Every example runs as it stands, after these two lines with your address and <a href="#createKey">your key</a>. An example with an id in its address needs that id too.</p>
<pre class="curl"><code>export SITE=https://flash.example.org
export KEY=fw_...</code></pre>
<pre class="typescript"><code>const site = 'https://flash.example.org';
const key = 'fw_...';</code></pre>
<p class="curl"><code>$REQUEST</code> is a text that is new for each request, such as a UUID, and the same when you send that request again.</p>
<p>Every request that needs a key can also be refused with:</p>
<ul class="answers">${[...common].map((problem) => answerLine(...cut(problem, '\n')))}</ul>
<p>The whole description for tools: <a href="/v1/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>`;
}

function section(request: ApiRequest, common: ReadonlySet<string>): Markup {
  const { operationId, method, path, summary, parameters = [], responses } = request;
  const body = bodyOf(request);
  const problems = Object.entries(responses).filter(
    ([status, { description }]) => !status.startsWith('2') && !common.has(`${status}\n${description}`),
  );
  const { curl, typescript } = exampleOf(request);
  return html`<article id="${operationId}">
<div class="told">
<h3><a href="#${operationId}">${methodMark(method)} ${pathMark(path)}</a></h3>
<p>${withCode(summary)}</p>
</div>
<div class="examples">
<pre class="curl"><code>${curl}</code></pre>
<pre class="typescript"><code>${typescript}</code></pre>
</div>
<div class="details">
${parameters.length > 0 ? html`<h4>Parameters</h4><dl class="fields">${parameters.map(parameterLine)}</dl>` : html``}
${body ? html`<h4>Body</h4>${fieldsOf(body)}` : html``}
<h4>Answers</h4>
<ul class="answers">${successesOf(request).map(([status, { description, content }]) => {
    const schema = content?.['application/json']?.schema;
    const name = schema ? nameOf(schema) : '';
    return answerLine(status, description, name ? html` <a href="#${name}"><code>${name}</code></a>` : html``);
  })}${problems.map(([status, { description }]) => answerLine(status, description))}</ul>
</div>
</article>
`;
}

function answerLine(status: string, description: string, type = html``): Markup {
  return html`<li class="${status.startsWith('2') ? 'good' : 'bad'}"><b>${status}</b> <span>${withCode(description)}${type}</span></li>
`;
}

function parameterLine({ name, in: place, required, description = '', schema }: ApiParameter): Markup {
  return fieldLine(name, schema, required, place, description);
}

function fieldsOf({ properties = {}, required = [] }: Schema): Markup {
  const fields = Object.entries(properties);
  if (fields.length === 0) return html`<p>An empty object.</p>`;
  return html`<dl class="fields">${fields.map(([name, schema]) => fieldLine(name, schema, required.includes(name), '', schema.description ?? schema.items?.description ?? ''))}</dl>`;
}

function fieldLine(name: string, schema: Schema, required: boolean, place: string, description: string): Markup {
  const marks = [required ? 'required' : '', place, ...limitsOf(schema)].filter(Boolean);
  return html`<dt><code>${name}</code> <code class="type">${typeOf(schema)}</code> <span class="marks">${marks.join(', ')}</span></dt>
<dd>${withCode(description)}</dd>
`;
}

function limitsOf({ minimum, maximum, minItems, maxItems, format, default: usual }: Schema): readonly string[] {
  const range = maximum === undefined ? '' : `${minimum ?? 0} to ${maximum}`;
  const items = maxItems === undefined ? '' : minItems ? `${minItems} to ${maxItems}` : `at most ${maxItems}`;
  return [format ?? '', range, items, usual === undefined ? '' : `default ${literalOf(usual)}`].filter(Boolean);
}

/** A text before and after its first mark. */
function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? ['', text] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** Text with `code` in it. */
function withCode(text: string): Markup {
  return new Markup(
    text
      .split('`')
      .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`).text)
      .join(''),
  );
}

/** The problems of every request with a key, each as its status and its text: said once. */
function commonProblems(requests: readonly ApiRequest[]): ReadonlySet<string> {
  const all = requests
    .filter(({ security }) => security?.length !== 0)
    .map(({ responses }) => Object.entries(responses).map(([status, { description }]) => `${status}\n${description}`));
  const [first = [], ...others] = all;
  return new Set(first.filter((problem) => !problem.startsWith('2') && others.every((one) => one.includes(problem))));
}
