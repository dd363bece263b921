using System.Security.Cryptography;

namespace Runs.Api.Authentication;

/// <summary>
/// The key that signs tokens of event writers when none is configured. It is created when it is first needed, with
/// access for its owner only.
/// </summary>
/// <param name="path">The file, in PEM.</param>
internal sealed class SigningKeyFile(string path)
{
    /// <summary>Reads the key, or creates it.</summary>
    /// <exception cref="IOException">The file cannot be read or created.</exception>
    /// <exception cref="InvalidDataException">The file has no usable key.</exception>
    public string ReadOrCreate()
    {
        if (!File.Exists(path))
        {
            Create();
        }

        var pem = File.ReadAllText(path);
        return RsaPem.HasPrivateKey(pem, EventWriterKeys.MaxKeyBits)
            ? pem
            : throw new InvalidDataException($"{path} has no usable RSA private key. Remove the file, and a new key is created.");
    }

    // The file appears complete or not at all, so that a crash leaves no part of a key.
    private void Create()
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        using (var rsa = RSA.Create(RsaPem.MinKeyBits))
        using (var file = new FileStream(temporary, CreateOptions()))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(rsa.ExportPkcs8PrivateKeyPem()));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path)) // another process has created it: its key applies
        {
            File.Delete(temporary);
        }
    }

    private static FileStreamOptions CreateOptions()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
