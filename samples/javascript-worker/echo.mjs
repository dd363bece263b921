// The work of this executor: it echoes the run's input, and first calls a tool if the input requests it. Replace it with
// your own work.

/** The id of the tool call that a run of this worker waits for. */
export function getToolCallId(runId) {
  return `echo_${runId}`;
}

/**
 * All events that the run's log gets from this worker, in order, up to a tool call that has no result yet, and then the
 * output. They depend on the run and the result alone, without times and random ids. Therefore a worker that continues
 * after a crash can determine which events were appended.
 */
export function echo(run, messageId, toolResult) {
  const input = run.input ?? run.config ?? {};
  const events = [];
  let text = textOf(input.messages?.at?.(-1)?.parts?.[0]?.text ?? input.text ?? "");
  if (input.ask_tool === true) {
    const toolCallId = getToolCallId(run.run_id);
    events.push({ type: "TOOL_CALL_START", toolCallId, toolCallName: "ask" }, { type: "TOOL_CALL_END", toolCallId });
    if (!toolResult) {
      return { events };
    }
    const content = textOf(toolResult.result);
    events.push({
      type: "TOOL_CALL_RESULT",
      messageId: `${toolCallId}_result`,
      toolCallId,
      role: "tool",
      content,
      isError: toolResult.is_error,
    });
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
