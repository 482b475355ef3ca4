export const isTsxRegistered: () => boolean
export const openTsx: () => Promise<typeof import('tsx/esm/api')>
export const runTypeScript: (href: string) => Promise<void>
