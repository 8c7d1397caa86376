import { type Site, siteName } from '../../item/site.ts';
import { html, type Markup } from './html.ts';

interface ApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description?: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

/** What of an OpenAPI document the page shows. */
export interface ApiDescription {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
}

/** The desk API to be read by a person: every request, what it takes, and what it answers. */
export function apiPage(site: Site, { info, paths }: ApiDescription): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(method.toUpperCase(), path, operation)),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${info.title} ${info.version} · ${siteName(site, 'en')}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/desk.css">
</head>
<body>
<main class="api">
<h1>${info.title} ${info.version}</h1>
<p>${info.description}</p>
<p><a href="/v1/openapi.json">openapi.json</a> · <a href="/desk">Desk</a></p>
${operations}
</main>
</body>
</html>
`.text;
}

function section(method: string, path: string, operation: ApiOperation): Markup {
  const { operationId, summary, parameters = [], requestBody, responses } = operation;
  const schema = requestBody?.content['application/json']?.schema;
  return html`<section id="${operationId}" class="card">
<h2><code>${method} ${path}</code></h2>
<p>${summary}</p>
${
  parameters.length > 0
    ? html`<h3>Parameters</h3><ul>${parameters.map(
        (one) => html`<li><code>${one.name}</code> (${one.in}) ${one.description ?? ''}</li>
`,
      )}</ul>`
    : html``
}
${schema ? html`<h3>Body</h3><pre>${JSON.stringify(schema, null, 2)}</pre>` : html``}
<h3>Answers</h3>
<ul>${Object.entries(responses).map(
    ([status, { description }]) => html`<li><code>${status}</code> ${description}</li>
`,
  )}</ul>
</section>
`;
}
