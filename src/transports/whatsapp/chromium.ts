import { existsSync } from 'node:fs'
import { Problem } from '../../kernel/problem.ts'
import type { WhatsAppSettings } from './settings.ts'

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** What the browser needs of the environment: the other variables may hold secrets. */
const passedOn = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'XDG_RUNTIME_DIR']

/**
 * The browser that WhatsApp Web runs in. Throws `Problem` where there is none, or where it would not
 * start.
 */
export function findBrowser({ browser, sandbox }: WhatsAppSettings): string {
  const found = browser ?? usualPlaces.find((place) => existsSync(place))
  if (found === undefined)
    throw new Problem(
      'no-browser',
      'WhatsApp needs a Chromium and none is there: install one (on Debian: apt-get install chromium), or set `browser` of [whatsapp] in bot.toml to its path.',
    )
  if (!existsSync(found))
    throw new Problem(
      'no-browser',
      `There is no ${found}: set \`browser\` of [whatsapp] in bot.toml to the path of a Chromium.`,
    )
  if (sandbox && process.getuid?.() === 0)
    throw new Problem(
      'root-sandbox',
      'Chromium does not run as root in its sandbox: run huskies as another user, or set `sandbox = false` of [whatsapp] in bot.toml.',
    )
  return found
}

/**
 * How the browser is started: headless, on a pipe that ends it when this program is gone, and reaching
 * nothing but WhatsApp. Most of what a browser does beside showing a page puppeteer leaves out itself.
 */
export function launchOptions(
  settings: WhatsAppSettings,
  userDataDir: string,
  env: NodeJS.ProcessEnv,
) {
  return {
    executablePath: findBrowser(settings),
    userDataDir,
    headless: true,
    pipe: true,
    // Whoever ends the program ends it by itself, and what is being sent may still be sent.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    env: Object.fromEntries(passedOn.map((name) => [name, env[name]])),
    args: [
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.whatsapp.com, EXCLUDE *.whatsapp.net, EXCLUDE *.fbcdn.net',
      '--block-new-web-contents',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-quic',
      ...(settings.sandbox ? [] : ['--no-sandbox']),
    ],
  }
}
