import type { Strings } from './strings.ts';

export const en: Strings = {
  language: 'en',
  dir: 'ltr',
  title: 'Breaking',
  urgency: { flash: 'Flash', urgent: 'Urgent', update: 'Update' },
  corrected: 'Corrected',
  withdrawn: 'Withdrawn',
  empty: 'No breaking news right now.',
  state: {
    connecting: 'Connecting',
    live: 'Live',
    delayed: 'Delayed',
    'catching up': 'Catching up',
    offline: 'Offline since {time}',
  },
  site: { tagline: 'Breaking news, the moment it is known', languages: 'Languages', otherEditions: 'Other editions' },
};
