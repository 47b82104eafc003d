/* What the modules of the page are made of: chats, messages and their ids, as WhatsApp Web has them. */
window.makeModels = (call) => {
  /** Listeners as in Backbone: several events in one string. */
  class Emitter {
    #listeners = new Map()
    on(events, listener) {
      for (const event of events.split(' '))
        this.#listeners.set(event, [...this.listenersOf(event), listener])
    }
    off(event, listener) {
      this.#listeners.set(
        event,
        this.listenersOf(event).filter((one) => one !== listener),
      )
    }
    emit(event, ...args) {
      for (const listener of this.listenersOf(event)) listener(...args)
    }
    listenersOf(event) {
      return this.#listeners.get(event) ?? []
    }
  }

  class Wid {
    constructor(id) {
      const [user, server] = id.split('@')
      Object.assign(this, { user, server, _serialized: id })
    }
    isLid() {
      return this.server === 'lid'
    }
    isGroup() {
      return this.server === 'g.us'
    }
    isStatus() {
      return this._serialized === 'status@broadcast'
    }
    isUser() {
      return !this.isGroup()
    }
    toString() {
      return this._serialized
    }
  }
  const widOf = (id) => (id instanceof Wid ? id : new Wid(String(id?._serialized ?? id)))

  class MsgKey {
    constructor({ to, id, participant, selfDir }) {
      const fromMe = selfDir === 'out'
      const remote = widOf(to)._serialized
      const author = participant === undefined ? '' : `_${widOf(participant)._serialized}`
      Object.assign(this, { fromMe, remote, id, _serialized: `${fromMe}_${remote}_${id}${author}` })
    }
    static async newId() {
      const bytes = crypto.getRandomValues(new Uint8Array(10))
      return `3EB0${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.toUpperCase()
    }
  }

  class Msg {
    constructor(fields) {
      Object.assign(this, fields)
      this.mediaData = { mediaStage: 'RESOLVED' }
    }
    serialize() {
      const shown = { ...this, id: { ...this.id }, toJSON: undefined, mediaData: undefined }
      return JSON.parse(JSON.stringify(shown))
    }
    unsafe() {
      return this
    }
    msgContextInfo() {
      return {
        quotedMsg: { body: this.body, type: this.type },
        quotedStanzaID: this.id.id,
      }
    }
    async downloadMedia() {}
  }

  class Messages extends Emitter {
    #all = new Map()
    get(id) {
      return this.#all.get(String(id?._serialized ?? id))
    }
    async getMessagesById(ids) {
      const found = await Promise.all(ids.map((id) => this.get(id) ?? call('message', id)))
      return { messages: found.filter(Boolean).map((one) => this.keep(one)) }
    }
    /** By the key alone, as a quote names it. */
    byKey(key) {
      return [...this.#all.values()].find(({ id }) => id.id === key)
    }
    /** Without a word to anybody: what was said earlier. */
    keep(fields) {
      const known = this.get(fields.id)
      if (known) return known
      const msg = fields instanceof Msg ? fields : new Msg(fields)
      this.#all.set(msg.id._serialized, msg)
      chatOf(msg.id.remote).messages.push(msg)
      chatOf(msg.id.remote).t = msg.t
      return msg
    }
    add(fields) {
      const msg = this.keep(fields)
      this.emit('add', msg)
      return msg
    }
    change(id, changes) {
      const msg = this.get(id)
      if (!msg) return
      for (const [field, value] of Object.entries(changes)) {
        const before = msg[field]
        msg[field] = value
        this.emit('change', msg)
        this.emit(`change:${field}`, msg, value, before)
      }
    }
  }

  class Chat {
    constructor(id, name) {
      this.id = new Wid(id)
      this.name = name
      this.formattedTitle = name
      this.t = 0
      this.messages = []
      this.msgs = { getModelsArray: () => [...this.messages].sort((one, other) => one.t - other.t) }
      if (this.id.isGroup())
        this.groupMetadata = { isLidAddressingMode: true, serialize: () => ({ participants: [] }) }
    }
    serialize() {
      return { id: { ...this.id }, name: this.name, t: this.t, unreadCount: 0 }
    }
  }

  const chats = new Map()
  const chatOf = (id) => {
    if (!chats.has(id)) chats.set(id, new Chat(id, id))
    return chats.get(id)
  }

  class OpaqueData {
    constructor(file) {
      this.file = file
    }
    static async createFromData(file) {
      return new OpaqueData(file)
    }
    url() {
      return 'blob:'
    }
    autorelease() {}
    formData() {
      return this.file
    }
  }

  return { Emitter, Wid, widOf, MsgKey, Messages, Chat, chats, chatOf, OpaqueData }
}
