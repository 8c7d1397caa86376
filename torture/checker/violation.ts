export const violationKinds = [
  'lost',
  'doubled',
  'ghost',
  'gap',
  'unheard',
  'order',
  'bytes',
  'epoch',
  'chain',
  'acknowledged',
  'held',
  'account',
  'proof',
  'remembered',
] as const;

export interface Violation {
  readonly fault: string;
  readonly kind: (typeof violationKinds)[number];
  readonly what: string;
}
