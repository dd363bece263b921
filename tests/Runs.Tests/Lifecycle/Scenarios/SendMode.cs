namespace Runs.Tests.Lifecycle;

/// <summary>How an operation is sent. The modes over HTTP come first.</summary>
public enum SendMode
{
    /// <summary>One HTTP call.</summary>
    Http,

    /// <summary>The same HTTP call twice at the same time.</summary>
    HttpTwice,

    /// <summary>The same HTTP call again after its response.</summary>
    HttpAgain,

    /// <summary>A message whose sender waits for the reply.</summary>
    Request,

    /// <summary>The message is delivered a second time after its reply.</summary>
    Redeliver,

    /// <summary>The message is delivered twice at the same time.</summary>
    DeliverTwice,

    /// <summary>A message without a response address.</summary>
    Publish,

    /// <summary>A message without a response address, delivered twice.</summary>
    PublishTwice,
}
