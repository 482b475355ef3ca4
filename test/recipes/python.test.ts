import { consumerPython, startConsumer } from '../support/kafka/foreign-consumer.ts'
import { payloadOf } from '../support/requests/visitor.ts'
import { assert, claims } from '../support/suite.ts'
import { inBothClocks } from '../support/worlds/recipe-world.ts'

claims('the recipes for PyJWT of docs/blacklist.md and docs/doors.md', {
  'verify a token of just now and read its status, by clocks that are behind and ahead':
    async () => {
      const python = await consumerPython('the recipes for PyJWT')
      if (python === null) return
      await inBothClocks(async (world) => {
        const { AUTH_URL: issuer } = world.env
        // Nobody listens there, and the lists are asked alone: pymongo connects when it is used.
        const mongo = { mongoUrl: 'mongodb://127.0.0.1:9', database: 'none' }
        const consumer = await startConsumer({ python, ...mongo, issuer, gatewayUrl: issuer })
        try {
          const { access, refresh } = await world.obtain()
          // The first answer is slow; those after it come while the token is young.
          for (let count = 0; count < 3; count += 1) {
            const { access: fresh } = await world.obtain()
            const good = await consumer.ask({ token: fresh, byList: true })
            assert.equal(good, { revoked: false })
          }
          assert.ok((await consumer.ask({ token: refresh, byList: true })).refused)
          const [head, , signature] = access.split('.')
          const forged = Buffer.from(JSON.stringify({ ...payloadOf(access), sub: 'admin' }))
          const token = [head, forged.toString('base64url'), signature].join('.')
          const { refused } = await consumer.ask({ token, byList: true })
          assert.is(refused, 'InvalidSignatureError')
        } finally {
          await consumer.close()
        }
      })
    },
})
