namespace Runs.Tests.Http;

public sealed class ConversationInputRequestTests(EmbeddedApplication application)
    : InputRequestTests<EmbeddedApplication>(application, InputRequestPaths.OfConversation);
