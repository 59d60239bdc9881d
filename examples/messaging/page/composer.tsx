import { type FormEvent, type KeyboardEvent, type ReactElement, useRef, useState } from 'react';
import { type Channel, type Draft, type Message, sendMessage } from './api.js';
import { useStored } from './use-stored.js';

interface ComposerProps {
  /** To which a message may go; at least one. */
  readonly channels: readonly Channel[];
  readonly name: string;
  onName(name: string): void;
  onSent(message: Message): void;
}

/** Where a message is written. What cannot be sent stays there. */
export function Composer({ channels, name, onName, onSent }: ComposerProps): ReactElement {
  const [chosen, choose] = useStored('wsn-example-to', '');
  const [text, setText] = useState('');
  const channelId = channels.some((channel) => channel.channelId === chosen) ? chosen : (channels[0]?.channelId ?? '');
  const { send, isSending, problem } = useSending((message) => {
    setText('');
    onSent(message);
  });
  return (
    <form
      className="composer"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        send({ channelId, author: name.trim(), text: text.trim() });
      }}
    >
      <div className="fields">
        <label className="field">
          <span>To</span>
          <select value={channelId} onChange={({ target }) => choose(target.value)}>
            {channels.map((channel) => (
              <option key={channel.channelId} value={channel.channelId}>
                {channel.name}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>Name</span>
          <input value={name} maxLength={40} required autoComplete="nickname" onChange={({ target }) => onName(target.value)} />
        </label>
      </div>
      <div className="writing">
        <label>
          <span className="unseen">Message</span>
          <textarea
            value={text}
            rows={1}
            maxLength={2000}
            placeholder="Write a message"
            required
            readOnly={isSending}
            onChange={({ target }) => setText(target.value)}
            onKeyDown={sendAtEnter}
          />
        </label>
        <button type="submit">Send</button>
      </div>
      <p className="problem" role="alert">
        {problem}
      </p>
    </form>
  );
}

/** Sends a message; the same one again goes under the same name, so that it is stored once however often it is tried. */
function useSending(onSent: (message: Message) => void) {
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<string>();
  const last = useRef<Draft>(undefined);
  async function send(content: Omit<Draft, 'clientId'>): Promise<void> {
    if (isSending || content.text === '' || content.author === '') return;
    setIsSending(true);
    const draft = isSame(last.current, content) ? last.current : { ...content, clientId: newClientId() };
    last.current = draft;
    try {
      onSent(await sendMessage(draft));
      last.current = undefined;
      setProblem(undefined);
    } catch (error) {
      setProblem(`Not sent. ${(error as Error).message}`);
    }
    setIsSending(false);
  }
  return { send, isSending, problem };
}

function isSame(draft: Draft | undefined, content: Omit<Draft, 'clientId'>): draft is Draft {
  return draft?.channelId === content.channelId && draft.author === content.author && draft.text === content.text;
}

/** Not `crypto.randomUUID`: that is for pages from https and this machine alone. */
function newClientId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Shift and Enter begins a line, and so does Enter while a word is being composed of several keys. */
function sendAtEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
