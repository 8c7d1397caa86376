/** What a key may do: a reporter writes drafts, an editor also publishes, an admin also manages keys. */
export const keyRoles = ['reporter', 'editor', 'admin'] as const;

export type KeyRole = (typeof keyRoles)[number];

/** What some roles may do and others not. */
export type KeyRight = 'publish' | 'manage';

/** Rights are asked for, never the name of a role, so that a role can come from elsewhere. */
export const rightsOf: Readonly<Record<KeyRole, readonly KeyRight[]>> = {
  reporter: [],
  editor: ['publish'],
  admin: ['publish', 'manage'],
};
