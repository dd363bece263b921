// What this worker executes: it says back what the run was given, and asks a tool first if it is told to. Your executor's own work goes here.

/** The tool call by which a run of this worker waits. */
export function callOf(runId) {
  return `echo_${runId}`;
}

/**
 * Everything that the log of a run gets from this worker, in its order, as far as it can be known: up to a tool's answer that has not come. Then the output,
 * too. It follows from the run and the answer alone, without times and random ids: only so can what was appended before a crash be told from what was not.
 */
export function echo(run, messageId, answer) {
  const input = run.input ?? run.config ?? {};
  const events = [];
  let text = textOf(input.messages?.at?.(-1)?.parts?.[0]?.text ?? input.text ?? "");
  if (input.ask_tool === true) {
    const toolCallId = callOf(run.run_id);
    events.push({ type: "TOOL_CALL_START", toolCallId, toolCallName: "ask" }, { type: "TOOL_CALL_END", toolCallId });
    if (!answer) {
      return { events };
    }
    const content = textOf(answer.result);
    events.push({ type: "TOOL_CALL_RESULT", messageId: `${toolCallId}_result`, toolCallId, role: "tool", content, isError: answer.is_error });
    text += ` ${content}`;
  }
  const words = text.split(/(?<=\s)/).filter((word) => word !== "");
  events.push(
    { type: "TEXT_MESSAGE_START", messageId, role: "assistant" },
    ...words.map((delta) => ({ type: "TEXT_MESSAGE_CONTENT", messageId, delta })),
    { type: "TEXT_MESSAGE_END", messageId },
  );
  return { events, output: { text } };
}

function textOf(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
