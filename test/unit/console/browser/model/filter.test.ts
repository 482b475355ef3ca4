import {
  filterNames,
  filterOfWords,
  wordsOfFilter,
} from '../../../../../services/console/browser/model/filter.ts'
import { assert, claims } from '../../../../support/suite.ts'

const read = (text: string) => filterOfWords(text).filter

claims('the words of a search', {
  'are read back as they are shown, whatever the names': () => {
    for (const name of filterNames) {
      const filter = { [name]: 'a-value:with.signs' }
      assert.equal(read(wordsOfFilter(filter)), filter)
    }
    assert.equal(read('user:alice  kind:LoginFailed'), { user: 'alice', kind: 'LoginFailed' })
    assert.equal(read('   '), {})
  },

  'a word without a name is taken for what it looks like': () => {
    assert.equal(read('alice'), { user: 'alice' })
    assert.equal(read('LoginFailed'), { kind: 'LoginFailed' })
    assert.equal(read('203.0.113.7'), { address: '203.0.113.7' })
    assert.equal(read('2001:db8::1'), { address: '2001:db8::1' })
    assert.equal(read('5e551011ab5e551011ab5e551011ab01'), {
      session: '5e551011ab5e551011ab5e551011ab01',
    })
  },

  'a name that there is not is told, with those that there are': () => {
    const { problem } = filterOfWords('usr:alice')
    assert.match(problem ?? '', 'There is no usr:')
    assert.match(problem ?? '', 'user, session')
  },
})
