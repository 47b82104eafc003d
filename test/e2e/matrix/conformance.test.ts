import { afterAll, beforeAll } from 'vitest'
import { conforms } from '../../conformance/conforms.ts'
import { Synapse } from '../../support/synapse/synapse.ts'
import { openMatrix } from './matrix-network.ts'

let server: Synapse
beforeAll(async () => {
  server = await Synapse.start()
})
afterAll(() => server[Symbol.asyncDispose]())

conforms({ name: 'Matrix', open: () => openMatrix(server), skips: {} })
