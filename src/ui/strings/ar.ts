import type { Strings } from './strings.ts';

export const ar: Strings = {
  language: 'ar',
  dir: 'rtl',
  title: 'عاجل',
  urgency: { flash: 'خبر طارئ', urgent: 'عاجل', update: 'تحديث' },
  corrected: 'مصحَّح',
  withdrawn: 'سُحب الخبر',
  empty: 'لا أخبار عاجلة الآن.',
  state: {
    connecting: 'جارٍ الاتصال',
    live: 'مباشر',
    delayed: 'متأخر',
    'catching up': 'جارٍ اللحاق بالأخبار',
    offline: 'غير متصل منذ {time}',
  },
  site: { tagline: 'الأخبار العاجلة لحظة ورودها', languages: 'اللغات', otherEditions: 'الطبعات الأخرى' },
};
