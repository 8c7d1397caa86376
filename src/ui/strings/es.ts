import type { Strings } from './strings.ts';

export const es: Strings = {
  language: 'es',
  dir: 'ltr',
  title: 'Última hora',
  urgency: { flash: 'Flash', urgent: 'Urgente', update: 'Actualización' },
  corrected: 'Corregido',
  withdrawn: 'Retirado',
  empty: 'No hay noticias de última hora.',
  state: {
    connecting: 'Conectando',
    live: 'En directo',
    delayed: 'Con retraso',
    'catching up': 'Poniéndose al día',
    offline: 'Sin conexión desde las {time}',
  },
  site: {
    tagline: 'Las noticias de última hora, en cuanto se saben',
    languages: 'Idiomas',
    otherEditions: 'Otras ediciones',
  },
};
