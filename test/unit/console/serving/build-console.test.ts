import { gzipSync } from 'node:zlib'
import { buildConsole } from '../../../../services/console/index.ts'
import { assert, claims } from '../../../support/suite.ts'

const gzipMax = 60 * 1024

claims('the built console', {
  'is one script and one style of at most 60 kB together, and the same each time': async () => {
    const [first, second] = [await buildConsole(), await buildConsole()]
    const names = first.files.map(({ name }) => name)
    assert.equal(names.map((name) => name.replace(/-[A-Z0-9]{8}/, '')).sort(), [
      'console.css',
      'main.js',
    ])
    assert.equal(
      second.files.map(({ name }) => name),
      names,
    )
    const size = first.files.reduce((sum, { bytes }) => sum + gzipSync(bytes).length, 0)
    assert.ok(size <= gzipMax, `${size} bytes`)
  },

  'loads nothing from elsewhere, and holds nothing of the gateway': async () => {
    const { files, inputs } = await buildConsole()
    for (const { name, bytes } of files) {
      const text = bytes.toString('utf8')
      const addresses = [...text.matchAll(/https?:\/\/[^"'` )]+/g)].map(([address]) => address)
      const foreign = addresses.filter((one) => !one.startsWith('http://www.w3.org/'))
      assert.equal(foreign, [], name)
      assert.not.match(text, /eval\(|localStorage|sessionStorage|indexedDB|document\.cookie/)
    }
    const others = inputs.filter(
      (path) => !/^(services\/console\/browser|.*node_modules\/(preact|@preact))\//.test(path),
    )
    assert.equal(others, [])
  },
})
