import type { Dice } from './dice.ts'

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** What becomes of a text when a disk, an editor or a copy by hand goes wrong. */
export type Damage = Readonly<{ name: string; of: (text: string, dice: Dice) => unknown }>

const cutAt = (text: string, at: number, removed: number, put: string): string =>
  text.slice(0, at) + put + text.slice(at + removed)

/** Ways in which a member in base64url is damaged. Each changes it. */
export const damages: readonly Damage[] = [
  {
    name: 'another digit',
    of: (text, dice) => {
      const at = dice.below(text.length)
      return cutAt(text, at, 1, dice.pick([...digits].filter((digit) => digit !== text[at])))
    },
  },
  {
    name: 'another last digit',
    of: (text, dice) => {
      const digit = dice.pick([...digits].filter((one) => one !== text.at(-1)))
      return cutAt(text, text.length - 1, 1, digit)
    },
  },
  { name: 'a digit lost', of: (text, dice) => cutAt(text, dice.below(text.length), 1, '') },
  { name: 'a digit more', of: (text, dice) => cutAt(text, dice.below(text.length), 0, 'Q') },
  { name: 'cut short', of: (text, dice) => text.slice(0, dice.below(text.length)) },
  { name: 'begun late', of: (text, dice) => text.slice(1 + dice.below(text.length)) },
  {
    name: 'a foreign character',
    of: (text, dice) => cutAt(text, dice.below(text.length + 1), 0, dice.pick(['!', ' ', '\n'])),
  },
  { name: 'zeros before it', of: (text) => `AAAA${text}` },
  { name: 'zeros behind it', of: (text) => `${text}AAAA` },
  { name: 'padded', of: (text) => `${text}=` },
  { name: 'zero', of: () => 'AA' },
  { name: 'one', of: () => 'AQ' },
  { name: 'empty', of: () => '' },
  { name: 'gone', of: () => undefined },
  { name: 'null', of: () => null },
  { name: 'a number', of: () => 7 },
  { name: 'in a list', of: (text) => [text] },
]
