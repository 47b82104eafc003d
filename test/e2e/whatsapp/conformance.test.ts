import { afterAll, beforeAll, describe } from 'vitest'
import { conforms } from '../../conformance/conforms.ts'
import { noChromium } from '../../support/whatsapp/chromium.ts'
import { pairedProfile } from '../../support/whatsapp/paired-profile.ts'
import { openWhatsApp } from './whatsapp-network.ts'

describe.skipIf(noChromium)(`in a real Chromium${noChromium ? ` (${noChromium})` : ''}`, () => {
  let profile: Awaited<ReturnType<typeof pairedProfile>>
  beforeAll(async () => {
    profile = await pairedProfile()
  })
  afterAll(() => profile[Symbol.dispose]())

  conforms({
    name: 'WhatsApp',
    open: () => openWhatsApp(profile.path),
    skips: {
      'a message in a thread has its thread, and an answer to it is seen there alone':
        'WhatsApp has no threads',
      'a room that must wait is told until when, and no other room waits with it':
        'WhatsApp names no limits and answers no wish to wait: it blocks the number',
    },
  })
})
