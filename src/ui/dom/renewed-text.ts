import { type ComponentChild, type ComponentChildren, Fragment, h, options, type VNode } from 'preact';

/**
 * Makes text that changes a new element, in everything that Preact draws from now on. A browser that translates a page
 * puts elements of its own in the place of each text node. Preact would go on writing into the nodes that were taken out,
 * so that a correction never showed.
 *
 * - An element that holds text alone has that text as its key: other text is another element.
 * - An element that a reader can be in, or that is read aloud when it changes, stays; what it says is a `span` in it.
 * - Text beside elements is a `span` too.
 *
 * Where a server has rendered the page, the last two are written out in the component, so that both have the same elements.
 */
export function renewText(): void {
  const before = options.vnode;
  options.vnode = (vnode) => {
    if (vnode.type === Fragment || typeof vnode.type === 'string') renew(vnode);
    before?.(vnode);
  };
}

function renew(vnode: VNode): void {
  const { type, key, props } = vnode;
  const parts = partsOf(props.children);
  if (!parts.some((part) => isText(part) && part !== '')) return;
  if (!parts.every(isText)) props.children = wrapped(props.children);
  else if (type === Fragment || staysInPlace(vnode)) props.children = h('span', null, parts.join(''));
  else vnode.key = `${key ?? ''} ${parts.join('')}`;
}

/** The children without null and booleans, which draw nothing. */
function partsOf(children: ComponentChildren): readonly ComponentChild[] {
  if (Array.isArray(children)) return children.flatMap(partsOf);
  return children === null || children === undefined || typeof children === 'boolean' ? [] : [children];
}

function isText(part: ComponentChild): part is string | number {
  return typeof part === 'string' || typeof part === 'number';
}

/** White space between elements never changes. */
function wrapped(children: ComponentChildren): ComponentChildren {
  if (Array.isArray(children)) return children.map(wrapped);
  return isText(children) && String(children).trim() !== '' ? h('span', null, children) : children;
}

function staysInPlace({ type, props }: VNode<{ [name: string]: unknown }>): boolean {
  return (
    type === 'button' ||
    type === 'summary' ||
    type === 'output' ||
    'role' in props ||
    'aria-live' in props ||
    'tabIndex' in props
  );
}
