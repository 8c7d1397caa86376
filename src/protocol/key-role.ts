/** What a key may do: a reporter writes drafts, an editor also publishes, an admin also manages keys. */
export const keyRoles = ['reporter', 'editor', 'admin'] as const;

export type KeyRole = (typeof keyRoles)[number];
