import { afterAll, beforeAll } from 'vitest'
import { tellsTheSame } from '../../conformance/transcript.ts'
import { Synapse } from '../../support/synapse/synapse.ts'
import { openMatrix } from './matrix-network.ts'

let server: Synapse
beforeAll(async () => {
  server = await Synapse.start()
})
afterAll(() => server[Symbol.asyncDispose]())

tellsTheSame('Matrix', () => openMatrix(server))
