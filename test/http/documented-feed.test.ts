import { undocumented } from '../support/documented.ts'
import { basic, introspector, openFeedWorld, reader } from '../support/feed-world.ts'
import { assert, claims } from '../support/suite.ts'

claims('The OpenAPI document', {
  'describes what the feed answers': async () => {
    const world = await openFeedWorld({ connectionsMax: 1 })
    const problems: string[] = []
    const ask = async (authorization: string): Promise<Response> => {
      const answer = await fetch(`${world.url}/feed`, { headers: { authorization } })
      const { status } = answer
      const contentType = answer.headers.get('content-type') ?? ''
      const text = status === 200 ? '' : await answer.text()
      problems.push(...undocumented({ method: 'get', path: '/feed', status, contentType, text }))
      return answer
    }
    try {
      assert.is((await ask('')).status, 401)
      assert.is((await ask(basic(introspector.id, introspector.secret))).status, 403)
      const reading = await ask(basic(reader.id, reader.secret))
      assert.is(reading.status, 200)
      assert.is((await ask(basic(reader.id, reader.secret))).status, 503)
      await reading.body?.cancel()
    } finally {
      await world.close()
    }
    assert.equal(problems, [])
  },
})
