import { ok } from '../../shared/http/health.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { serveMetrics } from '../../shared/metrics/metrics-server.ts'
import { undocumented } from '../support/documents/documented.ts'
import { assert, claims } from '../support/suite.ts'

claims('The OpenAPI document', {
  'describes what the port of metrics answers, also when they cannot be collected': async () => {
    const meter = new Meter()
    const state = { isBroken: false }
    meter.add(() => {
      if (state.isBroken) throw new Error('a source that is broken')
      return 'curfew_made_up 1'
    })
    const health = () => ({ store: ok() })
    const server = await serveMetrics(
      { meter, health },
      { metricsPort: 0, metricsHost: '127.0.0.1' },
    )
    const problems: string[] = []
    const ask = async (): Promise<readonly [number, string]> => {
      const answer = await fetch(`${server.url}/metrics`)
      const [{ status }, text] = [answer, await answer.text()]
      const contentType = answer.headers.get('content-type') ?? ''
      problems.push(...undocumented({ method: 'get', path: '/metrics', status, contentType, text }))
      return [status, text]
    }
    try {
      const [status, text] = await ask()
      assert.is(status, 200)
      assert.match(text, /curfew_made_up 1/)
      state.isBroken = true
      assert.is((await ask())[0], 500)
    } finally {
      await server.close()
    }
    assert.equal(problems, [])
  },
})
