import { useEffect, useState } from 'preact/hooks';
import { ItemView } from './item-view.tsx';
import { Latest } from './latest.tsx';
import type { NewsModel } from './model.ts';
import { NewsList } from './news-list.tsx';
import { NewsStore } from './news-store.ts';

export interface NewsProps {
  readonly model: NewsModel;
  readonly store: NewsStore;
  onShowWaiting(): void;
  onOlder(): Promise<void>;
}

/** The news of a page, the same on the server and in the browser. */
export function News({ model, store, onShowWaiting, onOlder }: NewsProps) {
  const [view, setView] = useState(store.view());
  useEffect(() => {
    setView(store.view()); // What has changed since the first drawing.
    return store.subscribe(setView);
  }, [store]);
  if (model.view === 'item') return <ItemView model={model} view={view} />;
  if (model.view === 'latest') return <Latest model={model} view={view} />;
  return <NewsList model={model} view={view} onShowWaiting={onShowWaiting} onOlder={onOlder} />;
}

/** The news as rendered on the server. */
export function StillNews({ model }: { readonly model: NewsModel }) {
  return <News model={model} store={new NewsStore(model)} onShowWaiting={() => {}} onOlder={() => Promise.resolve()} />;
}
