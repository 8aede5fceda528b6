/** The host's findutils as the judge of our find. */
import { FILES, heldAgainstHost } from './oracle.js';

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  find: [
    'find . | sort', 'find d', 'find . -type f | sort', 'find . -name "g*"', 'find nope', 'find . -type d -name d', 'find . -maxdepth 1 | sort', 'find . -type l | sort', 'find . -name f -exec cat {} \\;', 'find . -name f -exec echo x {} +', 'find . -name g -delete; ls d', 'find . ! -type d | sort', 'find . -name f -o -name g | sort', 'find . -newer f | wc -l', 'find . -name "*" -print0 | tr "\\0" "\\n" | sort',
    'find d -mindepth 1', 'find . -zork', 'find . -size 0', 'find . -empty', 'find . -perm 644 | sort', 'find . -path "./d/*"', 'find . \\( -name f -o -name l \\) -type f', 'find . -name d -prune -o -print | sort', 'find -name f', 'find d f', 'find . -iname F', 'find . -type f -exec wc -c {} + | tail -1', 'find . -regex ".*/g"', 'find . -name "f" -printf "%f %s\\n"', 'find . -user root | sort', 'find d -exec false {} \\; ; echo $?', 'find . -quit',
  ],
  'find: tests': [
    'touch a.c b.h; find . -name "*.[ch]" | sort', 'find . -name "[!fd]" | sort', 'find . -path "*g"', 'find . -not -name f | sort', 'find . -lname "no*"', 'find . -ilname "NO*"', 'find . -type f,d | sort', 'find . -type z', 'find . -type fd', 'find . -xtype f | sort', 'find . -xtype l', 'find -L . -type f | sort', 'find -L . -xtype l | sort', 'find -H l', 'find l', 'find l/ d/', 'find . -size -1', 'find . -size 1 -type f | sort',
    'find . -size +0c -type f | sort', 'find . -size 5c', 'find . -size 1k -type f | sort', 'find . -size x', 'find . -size 1x', 'touch e; mkdir k; find . -empty | sort', 'chmod 4711 f; find . -perm 4711; find . -perm -4000; find . -perm /111 -type f; find . -perm u=rwxs,go=x', 'find . -perm -u+w -type f | sort', 'find . -perm /022 | sort', 'find . -perm zz', 'ln f h; find . -links 2 -type f | sort; find . -samefile f | sort', 'find . -links +1 -type f', 'find . -links x',
    'touch -d @0 f; find . -mtime +100; find . -mtime -1 -type f; find . -mmin +5 -type f; find . -newermt 2001-01-01 -type f; find . ! -newermt @1', 'touch -d @5 f; touch -d @9 d/g; find . -newer f -type f; find . -newermm f -type f; find . -anewer f -type f; find . -newer nope', 'find . -newerXY f', 'find . -user nosuch', 'find . -group root -type f | sort', 'find . -uid 0 -gid 0 -type f | sort', 'find . -uid +5', 'chown 4321:8765 f; find . -nouser; find . -nogroup; find . -user 4321; find . -uid 4321',
    'find . -regex ".*/[fg]" | sort', 'find . -regex "./\\(f\\|l\\)" | sort', 'find . -regextype posix-extended -regex "./(f|l)" | sort', 'find . -regextype sed -regex "./[a-z]\\+" | sort', 'find . -iregex ".*G"', 'find . -regextype zork -regex x', 'find . -readable -type f | sort', 'find . -executable -type f', 'find . -inum x', 'find . -true -name f', 'find . -false', 'find . -name', 'find . -mtime x', 'find . -amin +x', 'find -name "?" -type f | sort', 'find . -iname "G" -ipath "*D*"',
    'find . -maxdepth 0', 'find . -maxdepth x', 'find . -maxdepth -1', 'find . -mindepth 2', 'find . -depth | tail -1', 'find d -depth', 'find . -xdev -type d | sort', 'find . -name f -daystart -mtime 0', 'find nope f', 'find "" f', 'find . -fstype nosuch',
  ],
  'find: expressions': [
    'find . -name f -a -type f', 'find . -name f -and -type d', 'find . -name f -or -name g | sort', 'find . ! ! -name f', 'find . \\( -name f \\) | sort', 'find . \\( -name f', 'find . -name f \\)', 'find . \\( \\)', 'find . -name f -o', 'find . -name f -a', 'find . -o -name f', 'find . !', 'find . ! -o -name f', 'find . \\( -name f -o \\)', 'find . -name f , -name g | sort', 'find . -name f ,', 'find . -name f f', 'find f . -name f', 'find -name f -print -o -name g -print | sort', 'find . -type f -name f -o -type d -name d -print',
    'find . -name d -prune', 'find . -name d -prune -o -type f -print', 'find . -path ./d -prune -o -print | sort', 'find d f -maxdepth 0 -quit', 'find f -print -quit', 'find -P -- f', 'find -O3 f', 'find -D', 'find -Q', 'find . -delete -prune', 'find . -depth -delete; ls -a', 'find d -delete; ls', 'find d -name g -delete -print', 'mkdir -p a/b; find a -name a -delete',
  ],
  'find: actions': [
    'find f d -print0 | od -An -c', 'find f d/g -printf "%p|%f|%h|%H|%P|%d|%s|%m|%M|%n|%u|%g|%U|%G|%y|%Y|%l\\n"', 'find . -printf "%P %h %f\\n" | sort', 'find / -maxdepth 0 -printf "%p %f %h\\n"', 'find l n -printf "%l %y %Y\\n"', 'find f -printf "%10s|%-5s|%05m|%.1f|%5d\\n"', 'touch -d @86400.5 f; find f -printf "%t|%T@|%TY-%Tm-%Td %TH:%TM|%T+|%TS|%Tc\\n"', 'find f -printf "\\101\\t%%\\c%p"', 'find f -printf "%z\\n"', 'find f -printf "%"', 'find f -printf "\\q"', 'find f -printf', 'find d/ -printf "%f %h %P\\n"',
    'find f -exec echo a {} b {} \\;', 'find f -exec sh -c "echo \\$1" x {} \\;', 'find f d/g -exec echo {} +', 'find f d/g -exec echo x{} \\;', 'find f -exec nosuch {} \\; ; echo $?', 'find f -exec nosuch {} + ; echo $?', 'find f -exec false {} + ; echo $?', 'find f -exec false {} \\; -print', 'find f -exec true {} \\; -print', 'find d/g -execdir echo {} \\;', 'find d/g -execdir pwd \\;', 'find d -execdir echo {} +', 'find . -exec', 'find . -exec a', 'find . -exec a {} b {} +', 'find f -exec \\;', 'find f -ok echo {} \\; < /dev/null', 'echo y | find f -ok echo hi \\;',
    'find f -print -exec echo x \\; -print', 'find . -type f -exec grep -l more {} +', 'find . -type f -exec rm {} \\; ; ls', 'find f -fprint o; cat o', 'find f -fprintf o "%s\\n"; cat o', 'find f -fprint0 o; od -An -c o', 'find f d/g -name g -fprint o; cat o', 'touch -d @0 f; find f -ls | tr -s " " | cut -d" " -f4-', 'find . -type l -ls | wc -l', 'find . -type f | xargs ls', 'find . -type f -print0 | xargs -0 -n1 basename | sort',
  ],
};

/** What the host says otherwise, and why that may be. */
const KNOWN: Readonly<Record<string, string>> = {
  'find . -name "*" -print0 | tr "\\0" "\\n" | sort': 'just-bash: tr does not know \\0',
  'find . -newer f | wc -l': 'time stands still between two commands',
};

heldAgainstHost(FILES, SCRIPTS, KNOWN);
