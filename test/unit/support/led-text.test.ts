import { ledText } from '../../support/documents/led-text.ts'
import { assert, claims } from '../../support/suite.ts'

const printed = ['127.0.0.1:8080', '127.0.0.1:3000', '127.0.0.1:9000'] as const
const page = `listen ${printed[0]}; proxy ${printed[1]}/a; proxy ${printed[1]}; to ${printed[2]};`

/** Every port of the system's range that one of the page's begins, and some that none does. */
const ports = [
  ...printed.flatMap((address) => {
    const port = Number(address.split(':')[1])
    return Array.from({ length: 10 }, (_, last) => port * 10 + last)
  }),
  8080,
  3000,
  9000,
  41_655,
].filter((port) => port < 65_536)

claims('addresses of a page, led to a test’s', {
  'each becomes its own, whatever port the system draws': () => {
    for (const first of ports)
      for (const second of ports) {
        const [to, from] = [`127.0.0.1:${first}`, `127.0.0.1:${second}`]
        const led = ledText(page, { [printed[0]]: to, [printed[1]]: from, [printed[2]]: 'h:1' })
        assert.is(led, `listen ${to}; proxy ${from}/a; proxy ${from}; to h:1;`)
      }
  },

  'a longer address is another one': () => {
    assert.is(ledText('h:30001 h:3000 xh:3000', { 'h:3000': 'k:1' }), 'h:30001 k:1 xh:3000')
  },
})
