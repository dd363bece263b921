namespace Runs.Store.Mongo;

/// <summary>
/// The server's error codes that the store handles specially. Every other code is a transient failure: the same call
/// may succeed later.
/// </summary>
/// <remarks>https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml</remarks>
internal static class MongoErrorCodes
{
    public const int BadValue = 2;
    public const int FailedToParse = 9;
    public const int Unauthorized = 13;
    public const int TypeMismatch = 14;
    public const int AuthenticationFailed = 18;
    public const int IllegalOperation = 20;
    public const int InvalidBson = 22;
    public const int ConflictingUpdateOperators = 40;
    public const int DollarPrefixedFieldName = 52;
    public const int EmptyFieldName = 56;
    public const int DottedFieldName = 57;
    public const int ImmutableField = 66;
    public const int InvalidOptions = 72;
    public const int IndexOptionsConflict = 85;
    public const int IndexKeySpecsConflict = 86;
    public const int DocumentValidationFailure = 121;
    public const int NotAReplicaSet = 123;
    public const int RetryableWritesNotSupported = 301;
    public const int AtlasError = 8000;
    public const int BsonObjectTooLarge = 10334;
    public const int DuplicateKey = 11000;
    public const int OutOfDiskSpace = 14031;
    public const int KeyTooLong = 17280;
    public const int DocumentTooLarge = 17419;
    public const int UpdatedDocumentTooLarge = 17420;
    public const int UnknownField = 40415;

    /// <summary>
    /// Returns whether the failure is permanent: the call itself is invalid, so that a retry cannot succeed.
    /// </summary>
    public static bool IsPermanent(int code) => code
        is BadValue or FailedToParse or UnknownField or InvalidOptions or NotAReplicaSet
        or TypeMismatch or InvalidBson or ConflictingUpdateOperators
        or DollarPrefixedFieldName or EmptyFieldName or DottedFieldName or ImmutableField
        or IndexOptionsConflict or IndexKeySpecsConflict or KeyTooLong
        or DocumentValidationFailure or DuplicateKey
        or BsonObjectTooLarge or DocumentTooLarge or UpdatedDocumentTooLarge;

    /// <summary>
    /// Returns whether an operator must resolve the failure: missing permissions, a quota, a server without a required
    /// feature, a full disk.
    /// </summary>
    public static bool NeedsOperator(int code) =>
        code is Unauthorized or AuthenticationFailed or IllegalOperation or RetryableWritesNotSupported or AtlasError or OutOfDiskSpace;
}
