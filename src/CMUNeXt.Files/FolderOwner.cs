using System.Runtime.InteropServices;

namespace CMUNeXt.Files;

/// <summary>Whose a folder is, which .NET does not tell.</summary>
internal static partial class FolderOwner
{
    private const int Here = -100;
    private const int FollowNoLink = 0x100;
    private const uint AskForOwner = 8;
    private const int LengthOfAnswer = 256;
    private const int PlaceOfOwner = 20;

    /// <summary>Whether a folder is this user's; where the system has no call that says so in one form, true.</summary>
    public static bool IsThisUser(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        byte[] answer = new byte[LengthOfAnswer];
        try
        {
            return statx(Here, folder, FollowNoLink, AskForOwner, ref answer[0]) == 0
                && BitConverter.ToUInt32(answer, PlaceOfOwner) == geteuid();
        }
        catch (EntryPointNotFoundException)
        {
            // An old C library. The system's administrator may enter everybody's private folders, others only their own.
            return geteuid() != 0;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte answer);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
