import { openSlack, openSlackOverHttp } from './slack-network.ts'
import { openTelegram } from './telegram-network.ts'
import { tellsTheSame } from './transcript.ts'

tellsTheSame('Telegram', () => openTelegram())
tellsTheSame('Slack', () => openSlack())
tellsTheSame('Slack over HTTP', openSlackOverHttp)
