import { connectFeed } from 'flashwire-client';
import { useEffect, useState } from 'react';

/** The newest items of a feed and the state of its connection; the hook updates both. */
export function useFeed(url, edition) {
  const [items, setItems] = useState([]);
  const [state, setState] = useState('connecting');
  useEffect(() => {
    const feed = connectFeed({ url, edition, onItems: setItems, onState: ({ type }) => setState(type) });
    return () => feed.close();
  }, [url, edition]);
  return { items, state };
}
