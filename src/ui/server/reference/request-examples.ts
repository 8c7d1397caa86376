import { type ApiParameter, type ApiRequest, bodyOf, nameOf, successesOf } from './api-description.ts';
import { sampleOf } from './sample.ts';
import { jsonOf, literalOf } from './typescript.ts';

/** One request as it is sent from a shell, and from TypeScript. Both read the address of the site, the key and ids from variables. */
export interface RequestExample {
  readonly curl: string;
  readonly typescript: string;
}

export function exampleOf(request: ApiRequest): RequestExample {
  return { curl: curlOf(request), typescript: typescriptOf(request) };
}

/** The names in the path of a request: variables of its examples. */
export function variablesOf({ path }: ApiRequest): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

function curlOf(request: ApiRequest): string {
  const path = request.path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);
  const body = bodyOf(request);
  const sent = [
    `curl${isStream(request) ? ' -N' : ''}${request.method === 'GET' ? '' : ` -X ${request.method}`} "$SITE${path}${queryOf(request)}"`,
    ...(needsKey(request) ? ['-H "Authorization: Bearer $KEY"'] : []),
    ...headersOf(request).map(([name, value]) =>
      value === undefined ? `-H "${name}: $REQUEST"` : `-H ${quoted(`${name}: ${value}`)}`,
    ),
    ...(body ? [`-H 'Content-Type: application/json'`, `-d ${quoted(jsonOf(sampleOf(body), '  '))}`] : []),
  ];
  return sent.join(' \\\n  ');
}

/** In single quotes a shell reads no character but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function typescriptOf(request: ApiRequest): string {
  const path = request.path.replace(/\{(\w+)\}/g, (_, name: string) => `\${${name}}`);
  const body = bodyOf(request);
  const headers = [
    ...(needsKey(request) ? ['Authorization: `Bearer $' + '{key}`'] : []),
    ...(body ? [`'Content-Type': 'application/json'`] : []),
    ...headersOf(request).map(([name, value]) => {
      const given = value === undefined ? 'crypto.randomUUID()' : literalOf(value);
      return `${/^\w+$/.test(name) ? name : `'${name}'`}: ${given}`;
    }),
  ];
  const options = [
    ...(request.method === 'GET' ? [] : [`method: '${request.method}'`]),
    ...(headers.length === 1 ? [`headers: { ${headers[0]} }`] : []),
    ...(headers.length > 1 ? [`headers: {\n${headers.map((header) => `    ${header},\n`).join('')}  }`] : []),
    ...(body ? [`body: JSON.stringify(${literalOf(sampleOf(body), '  ')})`] : []),
  ];
  const given = options.length > 0 ? `, {\n${options.map((option) => `  ${option},\n`).join('')}}` : '';
  return `const response = await fetch(\`\${site}${path}${queryOf(request)}\`${given});
if (!response.ok) throw new Error((await response.json()).detail);${readerOf(request)}`;
}

/** How a program reads the answer. */
function readerOf(request: ApiRequest): string {
  if (isStream(request))
    return `
for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
  console.log(text);
}`;
  const [[status, { content }] = ['204', { content: undefined }]] = successesOf(request);
  if (status === '204') return '';
  const schema = content?.['application/json']?.schema;
  return `\nconst answer: ${(schema && nameOf(schema)) || 'unknown'} = await response.json();`;
}

function isStream(request: ApiRequest): boolean {
  return successesOf(request).some(([, { content }]) => content?.['text/event-stream'] !== undefined);
}

function needsKey({ security }: ApiRequest): boolean {
  return security?.length !== 0;
}

/** Those that a request needs; and an id for it (undefined), so that it can be sent again. */
function headersOf({ parameters = [] }: ApiRequest): readonly (readonly [name: string, value: string | undefined])[] {
  return parameters
    .filter(({ in: place, name, required }) => place === 'header' && (required || name === 'Idempotency-Key'))
    .map((parameter) => [parameter.name, parameter.required ? textOf(parameter) : undefined]);
}

function queryOf({ parameters = [] }: ApiRequest): string {
  const needed = parameters.filter(({ in: place, required }) => place === 'query' && required);
  const query = new URLSearchParams(needed.map((parameter) => [parameter.name, textOf(parameter)]));
  return query.size > 0 ? `?${query}` : '';
}

function textOf({ schema }: ApiParameter): string {
  return [sampleOf(schema)].flat().join(',');
}
