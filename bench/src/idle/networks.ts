import { SlackServer } from '../../../test/support/slack/slack-server.ts'
import { TelegramServer } from '../../../test/support/telegram/telegram-server.ts'
import { noChromium } from '../../../test/support/whatsapp/chromium.ts'
import { pairedProfile, session } from '../../../test/support/whatsapp/paired-profile.ts'
import { WhatsAppServer } from '../../../test/support/whatsapp/whatsapp-server.ts'
import type { Networks } from './loading.ts'
import { silentMatrixServer } from './matrix-server.ts'

/** The networks in this process, so that they do not weigh on who is measured. */
export async function openNetworks(): Promise<AsyncDisposable & { readonly networks: Networks }> {
  await using stack = new AsyncDisposableStack()
  const telegram = stack.use(await TelegramServer.start())
  const slack = stack.use(await SlackServer.start())
  const matrix = stack.use(await silentMatrixServer())
  const whatsapp = noChromium === undefined ? await openWhatsApp(stack) : undefined
  const open = stack.move()
  return {
    networks: {
      telegram: { token: telegram.token, apiRoot: telegram.url },
      slack: { botToken: slack.botToken, appToken: slack.appToken, apiRoot: slack.url },
      matrix: { homeserver: matrix.url, token: 'token' },
      ...(whatsapp && { whatsapp }),
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

async function openWhatsApp(stack: AsyncDisposableStack) {
  const profile = stack.use(await pairedProfile())
  const { settings } = stack.use(await WhatsAppServer.start({ session }))
  return { state: profile.path, settings }
}
