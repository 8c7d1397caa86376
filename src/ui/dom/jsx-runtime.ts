/**
 * JSX that creates elements directly. In the ticker's script the build replaces `preact/jsx-runtime` with this file. A line
 * never changes (a new version is a new line), so the ticker needs the components but no diffing of trees. The class of an
 * element is also its part, for a page to style.
 */
type Child = Node | string | number | boolean | null | undefined | readonly Child[];
type Properties = Readonly<Record<string, unknown>> & { readonly children?: Child };
type Component = (properties: Properties) => Child;

export function jsx(type: string | Component, properties: Properties): Child {
  if (typeof type === 'function') return type(properties);
  const element = document.createElement(type);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'children') element.append(...nodesOf(value));
    else if (typeof value === 'function') element.addEventListener(name.slice(2).toLowerCase(), value as EventListener);
    else if (value) element.setAttribute(name, String(value));
    if (name === 'class') element.setAttribute('part', String(value));
  }
  return element;
}

export { jsx as jsxs };

export const Fragment: Component = ({ children }) => children;

function nodesOf(child: unknown) {
  return [child].flat(9).filter(Boolean) as (Node | string)[];
}
