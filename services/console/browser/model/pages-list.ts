/** The pages, in the order of the menu, with the key that follows `g`. */
export const pagesList = [
  { to: '/', title: 'Overview', key: 'o' },
  { to: '/events', title: 'Events', key: 'e' },
  { to: '/sessions', title: 'Sessions', key: 's' },
  { to: '/users', title: 'Users', key: 'u' },
  { to: '/clients', title: 'Clients', key: 'c' },
  { to: '/guards', title: 'Guards', key: 'g' },
  { to: '/receivers', title: 'Receivers', key: 'r' },
  { to: '/keys', title: 'Keys', key: 'k' },
  { to: '/dead-letters', title: 'Dead letters', key: 'd' },
  { to: '/audit', title: 'Audit', key: 'a' },
  { to: '/settings', title: 'Settings', key: ',' },
] as const
