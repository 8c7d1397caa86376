import { useLayoutEffect, useState } from 'preact/hooks';
import type { DeskFeed } from '../remote/desk-feed.ts';
import { storageOf } from '../words/language.ts';

const settingKey = 'flashwire-desk-flash-sound';
const lastKey = 'flashwire-desk-flash-sounded';

/** Whether this browser sounds when a colleague's flash goes out; off until an editor switches it on. */
export function useFlashSound(feed: DeskFeed, myName: string): readonly [isOn: boolean, turn: (isOn: boolean) => void] {
  const [isOn, setOn] = useState(storageOf(window)?.getItem(settingKey) === '1');
  // At once, not after the next paint: no flash may come in between.
  useLayoutEffect(() => {
    if (!isOn) return;
    const openedAt = Date.now();
    return feed.onItem(({ id, version, state, by, body, publishedAt, publishedVersion }) => {
      const isNew =
        state === 'published' && publishedVersion === version && (publishedAt ?? 0) > openedAt + feed.clockOffset;
      if (body.urgency === 'flash' && isNew && by !== myName && claim(`${id} ${publishedVersion}`)) beep();
    });
  }, [feed, isOn, myName]);
  const turn = (wanted: boolean) => {
    setOn(wanted);
    try {
      storageOf(window)?.setItem(settingKey, wanted ? '1' : '0');
    } catch {
      // Storage is full: the choice lasts as long as the page.
    }
    if (wanted) beep();
  };
  return [isOn, turn];
}

/** The first window of a browser takes a flash; its proof comes as further changes of the same version. */
function claim(flash: string): boolean {
  const storage = storageOf(window);
  if (storage?.getItem(lastKey) === flash) return false;
  try {
    storage?.setItem(lastKey, flash);
  } catch {
    // Storage is full: two windows may sound.
  }
  return true;
}

/** Two short tones. A browser lets a page sound only after a person has used it. */
function beep(): void {
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.gain.value = 0.15;
  volume.connect(audio.destination);
  for (const [at, hertz] of [
    [0, 880],
    [0.18, 1_175],
  ] as const) {
    const tone = audio.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(volume);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.14);
  }
  setTimeout(() => void audio.close(), 1_000);
}
