import { deviceName } from '../../../../services/gateway/pages/device-name.ts'
import { shipped } from '../../../../services/gateway/pages/texts/read-texts.ts'
import { wordsIn } from '../../../../services/gateway/pages/texts/words.ts'
import { assert, claims } from '../../../support/suite.ts'

const [en, ko] = shipped.map(wordsIn)
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const apple = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0'
const samsung = 'SamsungBrowser/28.0 Chrome/130.0'
const agents: Readonly<Record<string, string>> = {
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0': 'Firefox on Linux',
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0 Safari/537.36`]:
    'Chrome on Windows',
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0 Safari/537.36 Edg/140.0`]:
    'Edge on Windows',
  [`Mozilla/5.0 (Linux; Android 15; K) ${webkit} Chrome/140.0 Mobile Safari/537.36`]:
    'Chrome on Android',
  [`Mozilla/5.0 (Linux; Android 15) ${webkit} ${samsung} Mobile Safari/537.36`]:
    'Samsung Internet on Android',
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${apple} Mobile Safari/604.1`]:
    'Safari on iPhone',
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${apple} Safari/605.1.15`]: 'Safari on macOS',
  [`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/130.0 Whale/4.30 Safari/537.36`]:
    'Whale on Windows',
  [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/140.0 Safari/537.36`]:
    'Chrome on Linux',
}

claims('A device in words', {
  'is its browser and its system': () => {
    for (const [agent, words] of Object.entries(agents)) {
      assert.is(en && deviceName(en, agent), words, agent)
    }
    const [firefox = ''] = Object.keys(agents)
    assert.is(ko && deviceName(ko, firefox), 'Linux의 Firefox')
  },

  'is what an agent says that is no browser, shortened; or unknown': () => {
    assert.is(en && deviceName(en, 'curl/8.5.0'), 'curl/8.5.0')
    assert.is(en && deviceName(en, 'x'.repeat(200)), `${'x'.repeat(60)}…`)
    assert.is(en && deviceName(en, null), 'Unknown device')
  },
})
