// Made by `wsn schema types`: change the schemas instead.

/** A message that was stored. The API answers with the same object. */
export type AmaiiaMsgSrvMessages = {
  /** A later message has a greater number. */
  readonly messageId: string;
  readonly channelId: string;
  readonly author: string;
  readonly text: string;
  /** When it was stored, in UTC. */
  readonly at: string;
};

/** The data of notifications: `Data['package']['page']`. */
export interface Data {
  readonly amaiia_msg_srv: {
    readonly messages: AmaiiaMsgSrvMessages;
  };
}
