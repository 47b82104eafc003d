import { afterAll, beforeAll, describe } from 'vitest'
import { tellsTheSame } from '../../conformance/transcript.ts'
import { noChromium } from '../../support/whatsapp/chromium.ts'
import { pairedProfile } from '../../support/whatsapp/paired-profile.ts'
import { openWhatsApp } from './whatsapp-network.ts'

describe.skipIf(noChromium)(`in a real Chromium${noChromium ? ` (${noChromium})` : ''}`, () => {
  let profile: Awaited<ReturnType<typeof pairedProfile>>
  beforeAll(async () => {
    profile = await pairedProfile()
  })
  afterAll(() => profile[Symbol.dispose]())

  tellsTheSame('WhatsApp', () => openWhatsApp(profile.path))
})
