/** An answer that refuses a request: its status, and the detail for people. */
export class Refused extends Error {
  constructor(status, detail, { headers = {}, members = {} } = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
    this.members = members;
  }
}
