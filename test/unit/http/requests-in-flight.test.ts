import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { RequestsInFlight } from '../../../shared/http/requests-in-flight.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'

const aResponse = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()))

claims('requests in flight', {
  'a request counts until its answer has left': () => {
    const inFlight = new RequestsInFlight(fakeClock())
    const [first, second] = [aResponse(), aResponse()]
    inFlight.add(first)
    inFlight.add(second)
    assert.is(inFlight.recent(), 2)
    first.emit('close')
    assert.is(inFlight.recent(), 1)
    assert.equal([...inFlight.responses()], [second])
  },

  'a stream, which stays open, counts for its first second': async () => {
    const clock = fakeClock()
    const inFlight = new RequestsInFlight(clock)
    const stream = aResponse()
    inFlight.add(stream)
    await clock.advance(999)
    assert.is(inFlight.recent(), 1)
    await clock.advance(1)
    assert.is(inFlight.recent(), 0)
    assert.equal([...inFlight.responses()], [stream])
  },
})
